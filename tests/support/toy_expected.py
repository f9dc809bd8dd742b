"""What the toy network must give, worked out by hand: networks/toy/README.md says how. Literals only.

City `mid`; service day 2024-05-15 (a Wednesday); default assumptions: every station is small (entry 10, exit
5, change 6 min); peak windows 07:30-09:30 (to) and 17:00-19:30 (from). Minutes unless a name says more.
`southwest` and `midsouth` belong to the headway line "sw" (confidence high: included).
"""

from __future__ import annotations

#: three lines, a night train and a weekend train on two days
N_TRIPS_GTFS = 54 + 54 + 36 + 36 + 18 + 18 + 1 + 2
#: without the two weekend trips
N_TRIPS_ON_THE_DAY = 217
#: 8 stations of the feed, plus midsouth and southwest of the included headway line
N_STATIONS = 10
#: eastnorth <-> east: 500.9 m * 1.3 / 75 m a minute = 521.0 s, rounded up
WALK_S = {("eastnorth", "east"): 521, ("east", "eastnorth"): 521}

#: Pareto journeys to `mid`, platform to platform, (departure, arrival) in minutes after 00:00: the departures
#: from 07:00 on, before 08:00. Every hour of the day from 06:00 to 21:00 looks alike.
STAIRCASE_TO = {
    "west": [(432, 450), (452, 470), (472, 490)],  # 07:12-07:30, 07:32-07:50, 07:52-08:10
    "east": [(424, 440), (444, 460), (464, 480)],  # 07:04-07:20, 07:24-07:40, 07:44-08:00
    "south": [(432, 465), (462, 495)],  # 07:12-07:45, 07:42-08:15
    # the slow line 07:10-07:42 and 07:40-08:12; 07:56 by loop A, 08:14 + 521 s on foot, 08:24-08:40
    "north": [(430, 462), (460, 492), (476, 520)],
    # 07:08 loop A, 07:14 + 521 s on foot = 07:22:41, 07:24-07:40; 07:24 loop B, 07:34 + 6 = 07:40-08:12
    "northeast": [(428, 460), (444, 492)],
    # 07:06 loop B, 07:16 + 521 s = 07:24:41, so 07:24 is missed by 41 s and 07:44-08:00 taken
    "southeast": [(426, 480)],
}
#: Pareto journeys from `mid`, the departures from 17:00 on, before 18:00
STAIRCASE_FROM = {
    "west": [(1022, 1040), (1042, 1060), (1062, 1080)],  # 17:02-17:20, 17:22-17:40, 17:42-18:00
    "east": [(1032, 1048), (1052, 1068), (1072, 1088)],  # 17:12-17:28, 17:32-17:48, 17:52-18:08
    "south": [(1035, 1068), (1065, 1098)],  # 17:15-17:48, 17:45-18:18
    # the slow line 17:18-17:50 and 17:48-18:20, and 17:52-18:08, 521 s on foot = 18:16:41, loop B 18:17-18:34
    "north": [(1038, 1070), (1068, 1100), (1072, 1114)],
    # 17:18-17:50, change 6 = 17:56 loop A, 18:06; 17:52-18:08, on foot 18:16:41, loop B 18:17-18:23
    "northeast": [(1038, 1086), (1072, 1103)],
    # 17:32-17:48, on foot 17:56:41, loop A 18:16-18:26
    "southeast": [(1052, 1106)],
}

#: fastest of the day, station to station (reading station-to-station)
FASTEST_TO = {
    "west": 18,
    "east": 16,
    "north": 32,
    "south": 33,
    "northeast": 32,
    "southeast": 54,
    "southwest": 17,
}
FASTEST_FROM = {
    "west": 18, "east": 16, "north": 32, "south": 33, "northeast": 31, "southeast": 54, "southwest": 17
}  # fmt: skip

#: reading door-to-station at the station door: entry 10 + T_30 + exit 5, percentile 50.
#: A headway of at most 30 min with 30 min of slack serves every deadline with the ride itself.
DOOR_TO_STATION_TO_P50 = {
    "west": 33,  # 15 + 18
    "east": 31,  # 15 + 16
    "north": 47,  # 15 + 32
    "south": 48,  # 15 + 33
    "northeast": 47,  # 15 + 32: 62 of the 120 deadlines take the 32 min journey without counting the wait
    "southeast": 69,  # 15 + 54: 62 of the 120
    "southwest": 32,  # 15 + 17
}
DOOR_TO_STATION_TO_P75 = DOOR_TO_STATION_TO_P50 | {
    "northeast": 61,  # the 90th of 120: 62 times 32, then each further minute twice: 32 + 14 + 15
    "southeast": 83,  # in the same way 54 + 14 + 15
}
DOOR_TO_STATION_FROM_P50 = {
    "west": 33,
    "east": 31,
    "north": 47,
    "south": 48,
    "northeast": 46,  # 15 + 31: 80 of the 150 minutes
    "southeast": 69,  # 15 + 54: 85 of the 150
    "southwest": 32,
}
DOOR_TO_STATION_FROM_P75 = DOOR_TO_STATION_FROM_P50 | {
    "northeast": 57,  # the 113th of 150: 80 times 31, then each further minute three times: 31 + 11 + 15
    "southeast": 83,  # the 113th: 85 times 54, then each further minute twice: 54 + 14 + 15
}
#: minutes of the window served within 60 (door to station, at the station door), of how many
SERVED_TO_60 = {"west": (120, 120), "northeast": (88, 120), "southeast": (0, 120)}
SERVED_FROM_60 = {"west": (150, 150), "northeast": (120, 150), "southeast": (0, 150)}

#: as above with slack 0: being early counts in full
DOOR_TO_STATION_TO_P50_SLACK_0 = {
    "west": 42,  # early 0..19, each 6 times; the 60th is 9; 15 + 18 + 9
    "east": 40,  # 15 + 16 + 9
    "north": 60,  # README; 15 + 45, just inside
    "south": 62,  # early 0..29, each 4 times; the 60th is 14; 15 + 33 + 14
}
#: reading turn-up-and-go: a random departure from the door in 06:30-08:30; the waits are the same as above
TURN_UP_TO_P50 = {"west": 42, "east": 40, "north": 60, "south": 62}

#: thousands of people whose cell centre is inside, city proper (256, at Midtown, `local`) apart.
#: Powers of two: west 1, east 2, north 4, south 8, northeast 16, southeast 32, southwest 64, northwest 128.
#: Cells lie within 10 min of their station, and no station is within 10 min below a cutoff.
PEOPLE_K_BY_RAIL_TO_P50 = {30: 0, 45: 1 + 2 + 64, 60: 1 + 2 + 64 + 4 + 8 + 16}
PEOPLE_K_BY_RAIL_FROM_P50 = {30: 0, 45: 1 + 2 + 64, 60: 1 + 2 + 64 + 4 + 8 + 16}
#: percentile 75: northeast (16) falls out
PEOPLE_K_BY_RAIL_TO_P75 = {30: 0, 45: 67, 60: 79}
PEOPLE_K_CITY_PROPER = 256
#: with the 512 thousand of the fields in the county of north, which no mode reaches
PEOPLE_K_ALL = 1023
#: with the line "nw" (confidence medium) included: 15 + 18 = 33 from northwest
PEOPLE_K_BY_RAIL_TO_P50_WITH_NW = {30: 0, 45: 67 + 128, 60: 95 + 128}
#: counties at 60, percentile 50: inside = half of the people; 990103 has 4 of 516 thousand
COUNTIES_INSIDE_60 = {"990102", "980101", "990104", "980102", "990202"}
COUNTIES_TOUCHED_60 = {"990103"}
COUNTIES_NOT_TOUCHED_60 = {"980103", "990201"}
#: people in other provinces at 60: east and northeast
PEOPLE_K_OTHER_PROVINCE_60 = 2 + 16

#: reading door-to-door, main centre only, 2.2 km away: egress by bike 3 + 2211 m * 1.25 / 250 = 14.1
DOOR_TO_DOOR_TO_P50 = {
    "west": 47.1, "east": 45.1, "north": 61.1, "south": 62.1, "northeast": 61.1, "southeast": 83.1
}  # fmt: skip
#: southwest arrives at midsouth, 7.7 km from the main centre: beyond every cap
PEOPLE_K_DOOR_TO_DOOR_TO_P50 = {45: 0, 60: 1 + 2, 75: 1 + 2 + 4 + 8 + 16}
#: nearest of both centres: the second lies at midsouth, so southwest needs 10 + 17 + 5 = 32
PEOPLE_K_DOOR_TO_DOOR_TO_P50_NEAREST = {45: 64, 60: 64 + 1 + 2, 75: 64 + 1 + 2 + 4 + 8 + 16}

#: last train home: the last minute of leaving the door at `mid` with a journey of at most 60, door to station
LAST_TRAIN_HOME = {
    "west": 22 * 60 + 52,  # the 23:02 less 10 min of entry
    "east": 23 * 60 + 2,  # the 23:12
    "south": 23 * 60 + 5,  # the 23:15
    "north": 24 * 60 + 5,  # the 24:15, after midnight
    "northeast": 21 * 60 + 42,  # the 21:52, for the last loop B, 22:17 from eastnorth
}
#: first arrival at the platform of `mid` of a journey within 60, door to station
FIRST_ARRIVAL = {
    "west": 5 * 60 + 30,
    "east": 5 * 60 + 20,
    "south": 5 * 60 + 45,
    "north": 5 * 60 + 40,  # by the loop 04:56 and on foot, before the first slow train (05:42): 15 + 44 = 59
    "northeast": 5 * 60 + 40,
}

#: distinct journeys of at most 60 door to station in the peak, by arrival at (departure from) the core station's door:
#: *to* east :25 :45 :05, west :35 :55 :15, south :50 :20, north :47 :17 and by the loop :45, northeast :45
TRIPS_TO_60 = {"east": 6, "west": 6, "south": 4, "north": 6, "northeast": 2, "southeast": 0, "southwest": 12}
#: largest gap, the window's edges among them: between 07:45 and 08:45 nothing from the northeast
GAPS_TO_60 = {"east": 20, "west": 20, "south": 30, "north": 30, "northeast": 60, "southeast": 120, "southwest": 10}
#: *from* east :02 :22 :42, west :12 :32 :52, south :05 :35, north :08 :38 and by the loop :42, northeast :42
TRIPS_FROM_60 = {"east": 8, "west": 7, "south": 5, "north": 7, "northeast": 2, "southeast": 0, "southwest": 15}
GAPS_FROM_60 = {"east": 20, "west": 20, "south": 30, "north": 30, "northeast": 60, "southeast": 150, "southwest": 10}

#: bridge at 60: stations, counties, thousands of people. The first three rungs count whole counties: all eight
#: stations (eastnorth among them) and 1 + 2 + 516 + 8 + 16 + 32 + 64; southeast (69) leaves with entry and exit. Door
#: to door by the nearest centre: west 47.1, east 45.1, eastnorth 53.8, southwest 32.
BRIDGE = {
    "fastest_of_day": (8, 7, 639),
    "peak_percentile_50": (8, 7, 639),
    "plus_entry_exit": (7, 6, 607),
    "plus_access": (7, 5, 95),
    "door_to_door": (4, 3, 67),
}
#: low: on foot and 5 min more leave 55 - 47 = 8 min of walking in the northeast, 2 of its 6 cells, and 7 in the south,
#: 2 of 6: 1 + 2 + 4 + 64 + 16 / 3 + 8 / 3; high: southeast needs 69, nothing else is left
RANGE_60 = {"low": 79, "central": 95, "high": 95}
