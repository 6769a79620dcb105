"""How fast `analysis` is, beside the plain formulation of the same arithmetic and beside peers."""
