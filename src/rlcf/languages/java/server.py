"""The compile servers have moved to `compile_server`."""
