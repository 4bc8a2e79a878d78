"""What is true of a simulated register: counted in the simulated world itself, by nothing that the analyses are made of."""
