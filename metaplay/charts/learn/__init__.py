"""The figures of the Learn page: small worlds that are computed exactly, and figures read in papers."""
