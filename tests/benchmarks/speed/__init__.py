"""How fast and how large records are: ours beside json.loads and beside other libraries."""
