"""Local chain nodes for the demo and the tests: on free ports, with a funded account for real payments."""
