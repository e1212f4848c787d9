"""Schema changes: numbered with words, one head, each up and down on both databases."""
