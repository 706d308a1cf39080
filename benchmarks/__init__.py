"""Side-by-side timings. Each prints a table of ratios measured in one run, and with --json one JSON object."""
