"""Two samples of one population over time: overlap wanted, or burden spread."""
