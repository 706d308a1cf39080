"""Charts as inline SVG: text stays text, colours are CSS variables, the same data gives the same bytes."""
