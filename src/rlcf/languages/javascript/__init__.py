"""JavaScript: run by Node in a sandbox."""
