"""Long trials: what the tests show for seconds, shown for minutes."""
