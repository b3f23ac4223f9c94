# The console, for who administers.

## The rail

place-overview = Overview
place-decisions = Decisions
place-sessions = Sessions
place-people = People
place-groups = Groups
place-apps = Apps
place-policies = Policies
place-points = Points
