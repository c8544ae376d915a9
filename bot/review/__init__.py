"""The anonymous request statistics: safe tables, and the pages on which coordinators read them."""
