"""Values every room shares: ids, facts and errors. Imports nothing of ours."""
