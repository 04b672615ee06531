"""`make soak`: a patrol without signal in a real browser, killed and cut off; then everything is counted."""
