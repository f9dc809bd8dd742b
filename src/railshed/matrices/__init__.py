"""Travel-time matrices between stations and between points."""
