-- row: a row asked for which an activity is known: the last known one that had not ended
-- asked: person_id key, day date
-- tables: activities
-- gives: asked_row number, person_id key, activity_number number, kind code, known_at date
-- key: asked_row
-- bounds: known_at is the day or before; to_date is after the day, or missing. Of those known from the same day the highest number is
--   the last.
WITH known AS (
  SELECT
    asked.asked_row AS asked_row,
    activities.person_id AS person_id,
    activities.activity_number AS activity_number,
    activities.kind AS kind,
    activities.known_at AS known_at,
    ROW_NUMBER() OVER (
      PARTITION BY asked.asked_row ORDER BY activities.known_at DESC, activities.activity_number DESC
    ) AS nth
  FROM asked
  JOIN activities ON activities.person_id = asked.person_id AND activities.known_at <= asked.day
  WHERE activities.to_date IS NULL OR asked.day < activities.to_date
)
SELECT asked_row, person_id, activity_number, kind, known_at
FROM known
WHERE nth = 1
ORDER BY asked_row
