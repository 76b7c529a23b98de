"""Pages that prepare an edit or go on from one: cut, marks, keep the rest, sets of ratios, layers."""
