"""Long-lived child processes, and the sandbox that programs run in."""
