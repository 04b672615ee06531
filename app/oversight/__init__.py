"""The photo log and the start pages. Reads only; what it changes it asks the owning feature to do."""
