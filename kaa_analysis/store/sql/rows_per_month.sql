-- row: a month with rows of a table, dated by the day that begins the matter: entry, contact, offer, the day an activity was known of,
--   certificate, enrolment, notice, invitation
-- values: from_date date
-- tables: registrations, contacts, interventions, activities, credentials, schooling, notices, surveys
-- gives: table_name text, year number, month number, n_rows number
-- key: table_name, year, month
-- bounds: from_date is the first day counted; rows without a day are not
WITH dated AS (
  SELECT 'registrations' AS table_name, registrations.entry_date AS day FROM registrations
  UNION ALL
  SELECT 'contacts' AS table_name, contacts.date AS day FROM contacts
  UNION ALL
  SELECT 'interventions' AS table_name, interventions.offered_date AS day FROM interventions
  UNION ALL
  SELECT 'activities' AS table_name, activities.known_at AS day FROM activities
  UNION ALL
  SELECT 'credentials' AS table_name, credentials.date AS day FROM credentials
  UNION ALL
  SELECT 'schooling' AS table_name, schooling.from_date AS day FROM schooling
  UNION ALL
  SELECT 'notices' AS table_name, notices.date AS day FROM notices
  UNION ALL
  SELECT 'surveys' AS table_name, surveys.invited_date AS day FROM surveys
)
SELECT table_name, EXTRACT(YEAR FROM day) AS year, EXTRACT(MONTH FROM day) AS month, COUNT(*) AS n_rows
FROM dated
WHERE day >= $from_date
GROUP BY table_name, EXTRACT(YEAR FROM day), EXTRACT(MONTH FROM day)
ORDER BY table_name, year, month
