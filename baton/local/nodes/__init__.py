"""Local chain nodes for the demo and the tests: started on free ports, funded, and paid on for real."""
