"""The library at home in web frameworks: one room for each, which know nothing of each other."""
