-- row: a row asked, in the order asked: where the person lived that day, and whether the identity is protected
-- asked: person_id key, day date
-- tables: residence, persons
-- gives: asked_row number, district district, protected_identity boolean
-- key: asked_row
-- bounds: a period holds on from_date and not on to_date, without to_date for ever. Of periods that overlap, the one that began last
--   decides: if it has ended, no other is taken in its place.
WITH begun AS (
  SELECT
    asked.asked_row AS asked_row,
    asked.day AS day,
    residence.district AS district,
    residence.to_date AS to_date,
    ROW_NUMBER() OVER (PARTITION BY asked.asked_row ORDER BY residence.from_date DESC) AS nth
  FROM asked
  JOIN residence ON residence.person_id = asked.person_id AND residence.from_date <= asked.day
)
SELECT
  asked.asked_row AS asked_row,
  begun.district AS district,
  persons.protected_identity AS protected_identity
FROM asked
LEFT JOIN begun ON begun.asked_row = asked.asked_row AND begun.nth = 1 AND (begun.to_date IS NULL OR begun.day < begun.to_date)
LEFT JOIN persons ON persons.person_id = asked.person_id
ORDER BY asked_row
