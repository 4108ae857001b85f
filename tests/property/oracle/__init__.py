"""A plain model of what a record is promised to do. It imports nothing of the tracker."""
