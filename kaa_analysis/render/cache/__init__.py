"""What is kept from one run to the next inside the secure folder, and when it is trusted. Imports nothing heavy."""
