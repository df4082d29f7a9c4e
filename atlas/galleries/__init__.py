"""Galleries: ordered, labelled sets of pictures, each kept as a pack, and the ways pictures come into one."""
