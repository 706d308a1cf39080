"""What runs in the sandbox, beside the programs: scripts that use the standard library alone."""
