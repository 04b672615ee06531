"""Monthly reports of townships 巡查月报: figures that write themselves, frozen and signed when somebody issues them."""
