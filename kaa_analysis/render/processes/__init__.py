"""Starting the processes that make reports: forked from one that has the imports done or, where that cannot be, each by itself."""
