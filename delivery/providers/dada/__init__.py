"""Dada (达达) by its public documents at newopen.imdada.cn: orders, callbacks, return codes."""
