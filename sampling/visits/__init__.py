"""Every k-th finished transaction: the rhythm of a counter, its tickets, its weights."""
