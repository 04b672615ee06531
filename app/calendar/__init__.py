"""Working days: from a library for the years already announced, corrected by administrators, provisional beyond."""
