"""What the toy network must give, worked out by hand: networks/toy/README.md says how. Literals
only.

City `mid`; service day 2024-05-15 (a Wednesday); default assumptions: every station is small (entry
10, exit 5, change 6 min); peak windows 07:30-09:30 (to) and 17:00-19:30 (from). Minutes unless a
name says more. `southwest` and `midsouth` belong to the headway line "sw" (confidence high:
included).
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

#: Pareto journeys to `mid`, platform to platform, (departure, arrival) in minutes after 00:00: the
#: departures from 07:00 on, before 08:00. Every hour of the day from 06:00 to 21:00 looks alike.
STAIRCASE_TO = {
    "west": [(432, 450), (452, 470), (472, 490)],  # 07:12-07:30, 07:32-07:50, 07:52-08:10
    "east": [(424, 440), (444, 460), (464, 480)],  # 07:04-07:20, 07:24-07:40, 07:44-08:00
    "south": [(432, 465), (462, 495)],  # 07:12-07:45, 07:42-08:15
    # the slow line 07:10-07:42 and 07:40-08:12; 07:56 by loop A, 08:14 + 521 s on foot, 08:24-08:40
    "north": [(430, 462), (460, 492), (476, 520)],
    # 07:08 loop A, 07:14 + 521 s on foot = 07:22:41, 07:24-07:40; 07:24 loop B, 07:34 + 6 =
    # 07:40-08:12
    "northeast": [(428, 460), (444, 492)],
    # 07:06 loop B, 07:16 + 521 s = 07:24:41, so 07:24 is missed by 41 s and 07:44-08:00 taken
    "southeast": [(426, 480)],
}
#: Pareto journeys from `mid`, the departures from 17:00 on, before 18:00
STAIRCASE_FROM = {
    "west": [(1022, 1040), (1042, 1060), (1062, 1080)],  # 17:02-17:20, 17:22-17:40, 17:42-18:00
    "east": [(1032, 1048), (1052, 1068), (1072, 1088)],  # 17:12-17:28, 17:32-17:48, 17:52-18:08
    "south": [(1035, 1068), (1065, 1098)],  # 17:15-17:48, 17:45-18:18
    # the slow line 17:18-17:50 and 17:48-18:20, and 17:52-18:08, 521 s on foot = 18:16:41, loop B
    # 18:17-18:34
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
    "west": 18,
    "east": 16,
    "north": 32,
    "south": 33,
    "northeast": 31,
    "southeast": 54,
    "southwest": 17,
}

#: reading door-to-station at the station door, percentile 50: entry 10 + ride + half of the minutes
#: early + exit 5
DOOR_TO_STATION_TO_P50 = {
    "west": 37.5,  # early 0..19, six times each: the 60th of 120 is 9; 15 + 18 + 4.5
    "east": 35.5,  # 15 + 16 + 4.5
    "north": 54,  # 32 ... 43.5 four times each: the 60th is 39
    "south": 55,  # early 0..29, four times each: 14; 15 + 33 + 7
    "northeast": 61.5,  # early 0..59, twice each: 29; 15 + 32 + 14.5
    "southeast": 83.5,  # 15 + 54 + 14.5
    "southwest": 34.07,  # early 0:08 ... 9:08, twelve times each: 4:08; 15 + 17 + 2:04
}
DOOR_TO_STATION_TO_P75 = {
    "west": 40,  # the 90th of 120: 14 early
    "east": 38,
    "north": 58,  # 15 + 32 + 11
    "south": 59,  # 22 early
    "northeast": 69,  # 44 early
    "southeast": 91,
    "southwest": 35.57,  # 7:08 early
}
#: minutes until the train count half; of 150 minutes the 75th and the 113th
DOOR_TO_STATION_FROM_P50 = {
    "west": 37.5,  # wait 9
    "east": 36,  # 10
    "north": 54,  # 14
    "south": 55,  # 14
    "northeast": 60.5,  # 29: 15 + 31 + 14.5
    "southeast": 81.5,  # 25: 15 + 54 + 12.5
    "southwest": 34.32,  # 4:38
}
DOOR_TO_STATION_FROM_P75 = {
    "west": 40,  # 14
    "east": 38.5,  # 15
    "north": 57.5,  # 21
    "south": 59,  # 22
    "northeast": 66.5,  # 41
    "southeast": 91,  # 44
    "southwest": 35.82,  # 7:38
}
#: minutes of the window served within 60 (door to station, at the station door), of how many
SERVED_TO_60 = {"west": (120, 120), "northeast": (54, 120), "southeast": (0, 120)}
SERVED_FROM_60 = {"west": (150, 150), "northeast": (74, 150), "southeast": (0, 150)}

#: with slack 30, and each early minute beyond it in full: a train every 30 minutes is never too
#: early
DOOR_TO_STATION_TO_P50_SLACK_30 = {
    "west": 33, "east": 31, "north": 47, "south": 48, "southwest": 32,
    "northeast": 47,  # 62 of the 120 deadlines take the 32 min journey without counting the wait
    "southeast": 69,
}  # fmt: skip
#: with slack 0, and early minutes in full
DOOR_TO_STATION_TO_P50_WEIGHT_1 = {
    "west": 42,  # early 0..19, each 6 times; the 60th is 9; 15 + 18 + 9
    "east": 40,  # 15 + 16 + 9
    "north": 60,  # README; 15 + 45, just inside
    "south": 62,  # early 0..29, each 4 times; the 60th is 14; 15 + 33 + 14
}

#: reading door-to-door: 14:04 by shared bicycle from `mid` to the main centre (180 s + 2,211 m *
#: 0.3), 0 from `midsouth` to the second; arrivals 4 s past a minute are early by 56 s more. So door
#: to station + 14:04 + 0:28.
DOOR_TO_DOOR_TO_P50 = {
    "west": 52.03,
    "east": 50.03,
    "north": 68.53,
    "south": 69.53,
    "northeast": 76.03,
    "southeast": 98.03,
    "southwest": 34.07,
    "eastnorth": 58.72,  # 8:41 on foot to the trains of east
}
DOOR_TO_DOOR_TO_P75 = {
    "west": 54.53,
    "east": 52.53,
    "north": 72.53,
    "south": 73.53,
    "northeast": 83.53,
    "southeast": 105.53,
    "southwest": 35.57,
}
#: leaving the desk 24:04 before the train; waits 10, 9, 14, 14, 24, 33 minutes and 56 s; southwest
#: 4:38
DOOR_TO_DOOR_FROM_P50 = {
    "west": 52.53,
    "east": 50.03,
    "north": 68.53,
    "south": 69.53,
    "northeast": 72.53,
    "southeast": 100.03,
    "southwest": 34.32,
}
#: waits 15, 14, 21, 22, 42, 47
DOOR_TO_DOOR_FROM_P75 = {
    "west": 55.03,
    "east": 52.53,
    "north": 72.03,
    "south": 73.53,
    "northeast": 81.53,
    "southeast": 107.03,
    "southwest": 35.82,
}
#: reading turn-up-and-go, door to door: a random departure in 06:30-08:30, the wait counts in full
TURN_UP_TO_P50 = {
    "west": 56.07,  # 10 + 9 + 18 + 5 + 14:04
    "east": 54.07,
    "north": 74.07,  # the 30th of an hour is 45: 10 + 45 + 19:04
    "south": 76.07,  # 10 + 14 + 33 + 19:04
    "northeast": 83.07,  # the 30th is 54
    "southeast": 112.07,  # 10 + 29 + 54 + 19:04
    "southwest": 36.87,  # 10 + 4:52 + 17 + 5
}

#: thousands of people whose cell centre is inside, city proper (256, at Midtown, `local`) apart.
#: Powers of two: west 1, east 2, north 4, south 8, northeast 16, southeast 32, southwest 64,
#: northwest 128. The cells of a place hold equal shares; README lists how far they are from the
#: station.
PEOPLE_K_BY_RAIL = {45: 64, 60: 67, 75: round(67 + 4 + 8 / 3, 3), 90: 95}
#: main centre alone: southwest arrives at midsouth, 7.7 km from it
PEOPLE_K_MAIN_CENTRE = {45: 0, 60: 3, 75: round(3 + 4 + 8 / 3, 3), 90: 31}
#: percentile 75 within 60: west has 5:28 (from 4:58) left, 2 of 6 cells
PEOPLE_K_BY_RAIL_P75_60 = round(64 + 2 + 1 / 3, 3)
#: within 90 the south can cycle to the second centre: 88:33 at most
PEOPLE_K_CANNOT_CYCLE = {45: 64, 60: 67, 75: round(67 + 4 + 8 / 3, 3), 90: 87}
#: own prefecture (west, north, south), other prefecture (southwest), other province (east,
#: northeast)
PEOPLE_K_PARTS = {60: (1, 64, 2), 90: (13, 64, 18)}
#: beyond 30 km of the main centre: southwest, and within 90 three of six cells of the northeast;
#: mean of both centres
BEYOND = {
    "beyond_60": 64,
    "beyond_90": 64 + 8,
    "mean_of_centres_60": 33.5,
    "mean_of_centres_90": 47.5,
}
#: turn up and go: at 60 one of six cells of the west (3:56 left, whole minutes count), two of six
#: of the east
PEOPLE_K_TURN_UP = {45: 64, 60: round(64 + 1 / 6 + 2 / 3, 3), 75: 67, 90: 95}
#: door to station: within 60 north (58:47) and 2 of 6 cells of the south; the same from the city
PEOPLE_K_TO_STATION = {30: 0, 45: 67, 60: round(67 + 4 + 8 / 3, 3)}
#: within 90 also northeast, all of the south and 6 of 9 cells of the southeast (6:30 left)
PEOPLE_K_TO_STATION_90 = round(95 + 32 * 6 / 9, 3)
PEOPLE_K_TO_STATION_P75 = {30: 0, 45: round(64 + 2 + 1 / 3, 3), 60: 67}
PEOPLE_K_CITY_PROPER = 256
#: with the 512 thousand of the fields in the county of north, which no mode reaches
PEOPLE_K_ALL = 1023

#: counties inside door to door: half of the people; 990103 has 4 of 516 thousand
COUNTIES_INSIDE = {
    60: {"990102", "980101", "990202"}, 90: {"990102", "980101", "990104", "980102", "990202"}
}  # fmt: skip
COUNTIES_TOUCHED_90 = {"990103"}
#: of the agglomeration, and one of whose land alone is touched: 12.4 km from the second centre to
#: its corner, by e-bike
COUNTIES_OUTSIDE_90 = {"990201", "980103"}

#: door to station: last train home, the last minute of leaving the door at `mid` with a journey of
#: at most 60
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
    "north": 5 * 60
    + 40,  # by the loop 04:56 and on foot, before the first slow train (05:42): 15 + 44 = 59
    "northeast": 5 * 60 + 40,
}
#: door to door, at the desk: first arrivals 19:04 after the train's, last leave 24:04 before it
DOOR_TO_DOOR_FIRST = {"west": "05:49", "east": "05:39", "north": ""}
DOOR_TO_DOOR_LAST = {"west": "22:37", "east": "22:47", "north": ""}

#: distinct journeys of at most 60 door to station in the peak, by arrival at (departure from) the
#: core station's door: *to* east :25 :45 :05, west :35 :55 :15, south :50 :20, north :47 :17 and by
#: the loop :45, northeast :45
TRIPS_TO_60 = {
    "east": 6,
    "west": 6,
    "south": 4,
    "north": 6,
    "northeast": 2,
    "southeast": 0,
    "southwest": 12,
}
#: largest gap, the window's edges among them: between 07:45 and 08:45 nothing from the northeast
GAPS_TO_60 = {
    "east": 20,
    "west": 20,
    "south": 30,
    "north": 30,
    "northeast": 60,
    "southeast": 120,
    "southwest": 10,
}
#: *from* east :02 :22 :42, west :12 :32 :52, south :05 :35, north :08 :38 and by the loop :42,
#: northeast :42
TRIPS_FROM_60 = {
    "east": 8,
    "west": 7,
    "south": 5,
    "north": 7,
    "northeast": 2,
    "southeast": 0,
    "southwest": 15,
}
GAPS_FROM_60 = {
    "east": 20,
    "west": 20,
    "south": 30,
    "north": 30,
    "northeast": 60,
    "southeast": 150,
    "southwest": 10,
}

#: bridge, to the targets of door-to-door: stations outside the city proper, in it (`mid` 48 out and
#: back, `midsouth` 41:14); counties inside and thousands of people on rungs with a surface.
#: southeast (68.5) leaves in the peak, northeast (61.5) and `mid` (65) with entry and exit, north
#: and south with the way to the desk
BRIDGE = {
    "fastest_of_day": (8, 2, None, None),
    "peak_percentile_50": (7, 2, None, None),
    "plus_entry_exit": (6, 1, None, None),
    "plus_access": (6, 1, 3, PEOPLE_K_TO_STATION[60]),
    "door_to_door": (4, 1, 3, 67),
    "door_to_door_90": (7, 2, 5, 95),
}
#: stations that any train of the day links with a terminal, whole counties: 1 + 2 + 516 + 8 + 16 +
#: 32 + 64
PRESS = {"stations": 8, "stations_in_city": 0, "counties": 7, "people": 639_000}
#: low: on foot alone the main centre is out of reach; high: taxis, slack 60 and 5 min less, of the
#: south (59:10) 4 of 6 cells within 60; within 90 also the southeast
RANGE = {
    60: {"low": 64, "central": 67, "high": round(1 + 2 + 64 + 4 + 16 + 8 * 4 / 6, 3)},
    90: {"low": 64, "central": 95, "high": 127},
}
