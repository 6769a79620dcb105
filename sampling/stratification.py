"""Where to cut a numeric variable into strata."""
