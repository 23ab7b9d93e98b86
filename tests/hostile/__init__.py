"""Files that are damaged, odd or made to do harm: made byte by byte, with what each ends in."""
