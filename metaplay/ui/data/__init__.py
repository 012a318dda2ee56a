"""The page on which people bring data of their own."""
