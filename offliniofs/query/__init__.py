"""The search language: lexer, parser, AST, SQL compiler and a Python oracle. Pure."""
