"""The owner's answers to a notice, finding by finding, and what the issuing side makes of them."""
