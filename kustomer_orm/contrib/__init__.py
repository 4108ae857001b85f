"""At home in web frameworks."""
