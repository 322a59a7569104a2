"""Pictures of the linkage as SVG: drawn on the server, readable without script, each beside the table it shows.

Colours come from the style sheet by class, geometry and fallback colours from attributes. Nothing is told by colour
alone: joint events have a line, proven parties a filled dot, what waits is hatched. All names are escaped.
"""
