"""Pictures of figures as SVG: bars over time and bars by name, with the same figures as a table. Pure, no script.

They are made here and not by a plotting library: those add styles and scripts of their own, which a strict
Content-Security-Policy refuses, and colours that do not follow the page's light and dark.
"""
