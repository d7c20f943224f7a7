"""District > street > community > grid: the tree, the polygons, and which grid a point is in."""
