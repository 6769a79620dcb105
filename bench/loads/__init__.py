"""What the server bears, what the next machine buys, and the day of a whole country: `make load`.

Loopback and network namespaces of its own alone. Each part prints a table and keeps its figures
in ``var/load.json``, from which the part ``day`` reckons.
"""
