BEGIN IMMEDIATE
INSERT INTO agency (agency_code, name, type, source) VALUES ('a-q1', 'Ủy ban nhân dân phường', 'commune', 'test')
INSERT INTO service_point (counter_id, name, agency_code, unit_code, address, opens, closes, source) VALUES ('q1', 'Bộ phận Một cửa q1', 'a-q1', '10507', '', '07:30', '16:30', 'test')
COMMIT
BEGIN IMMEDIATE
SELECT key_mark.name, key_mark.mark FROM key_mark
INSERT INTO key_mark (name, mark) VALUES ('demo/code', x'a754e1100863c4389e3ef4b433d94b2300519f4f8e04aed6b9403944f237bb70')
INSERT INTO key_mark (name, mark) VALUES ('demo/idem', x'892710be6d5e3b8cf37c96c343de86e84bb23dd70ec17d6faf289bc2b0e91fd6')
INSERT INTO key_mark (name, mark) VALUES ('demo/receipt', x'63e0cc37a70e89f651fde0497834f51f605908c9707685d54c912a16b86bab87')
INSERT INTO key_mark (name, mark) VALUES ('demo/lookup', x'd363d417082fcd64a3f8d445233f9267c39f92d820822c0f9bdeb2ac74c44985')
INSERT INTO key_mark (name, mark) VALUES ('demo/survey', x'd83cadf1dc8afa8f0578d446af0ae894c62268200dcd5ff0ea7b3ee941734db4')
INSERT INTO round (round_id, questionnaire_id, questionnaire_version, opens, closes, state, simulated, inbox, frame_sha256, draw_sha256) VALUES ('demo', 'citizen', '2026-1', '2026-03-05', '2026-03-30', 'open', 1, 'a', '0000000000000000000000000000000000000000000000000000000000000000', '1111111111111111111111111111111111111111111111111111111111111111')
INSERT INTO cell (cell_id, round_id, stratum, psu, unit_id, design_weight, expected) VALUES ('demo.10507', 'demo', 'urban-hai-duong', '10507', '10507', 250.0, 90)
INSERT INTO cell (cell_id, round_id, stratum, psu, unit_id, design_weight, expected) VALUES ('demo.10525', 'demo', 'urban-hai-duong', '10525', '10525', 250.0, 90)
COMMIT
BEGIN
SELECT service_point.counter_id, service_point.name, service_point.agency_code, service_point.unit_code, service_point.address, service_point.opens, service_point.closes, service_point.expected, service_point.source, coalesce(agency.name, '') AS agency_name FROM service_point LEFT OUTER JOIN agency ON agency.agency_code = service_point.agency_code ORDER BY service_point.counter_id
COMMIT
BEGIN IMMEDIATE
SELECT round.round_id, round.questionnaire_id, round.questionnaire_version, round.opens, round.closes, round.state, round.simulated, round.inbox, round.frame_sha256, round.draw_sha256, round.snapshot_sha256 FROM round WHERE round.round_id = 'demo'
SELECT cell.unit_id FROM cell WHERE cell.round_id = 'demo' AND cell.recruitment = 'open'
INSERT INTO cell (cell_id, round_id, stratum, psu, unit_id, design_weight, expected, recruitment) VALUES ('demo.Rc75de8c1b7c3ae52', 'demo', 'open', NULL, 'q1', 1.0, 0, 'open')
DELETE FROM withdrawal WHERE withdrawal.kind = 'screen' AND withdrawal.place IN ('demo.Rc75de8c1b7c3ae52')
SELECT cell.cell_id, cell.round_id, cell.stratum, cell.psu, cell.unit_id, cell.design_weight, cell.expected, cell.recruitment FROM cell WHERE cell.round_id = 'demo' ORDER BY cell.cell_id
SELECT audit.seq, audit.day, audit.actor, audit.action, audit.object, audit.payload, audit.payload_sha256, audit.prev, audit.hash FROM audit ORDER BY audit.seq DESC LIMIT 1 OFFSET 0
INSERT INTO audit (seq, day, actor, action, object, payload, payload_sha256, prev, hash) VALUES (1, '2026-11-26', 'operator', 'screens-on', 'demo', '{"cells":{"demo.Rc75de8c1b7c3ae52":["demo","open",null,"q1",1.0,0,"open"]}}', 'b155d2cbfd8207b1d0f3d62dd93f80857fd3d2f5a0b8c711f3d099704880303c', '0000000000000000000000000000000000000000000000000000000000000000', '9acfa14a8a95a79fd47c6eee0208cb3ce0a418e73d79a1c54f5ed4e104ff58c4')
COMMIT
BEGIN
SELECT withdrawal.place FROM withdrawal WHERE withdrawal.kind = 'screen'
SELECT cell.cell_id, cell.unit_id, round.round_id, round.questionnaire_id, round.questionnaire_version, round.opens, round.closes, round.state, round.simulated, round.inbox, round.frame_sha256, round.draw_sha256, round.snapshot_sha256 FROM cell JOIN round ON round.round_id = cell.round_id WHERE cell.recruitment = 'open' ORDER BY round.opens DESC, round.round_id, cell.unit_id
COMMIT
BEGIN
SELECT round.round_id FROM round WHERE (round.round_id NOT IN (SELECT audit.object FROM audit WHERE audit.action = 'keys-destroyed'))
SELECT key_mark.name, key_mark.mark FROM key_mark
COMMIT
BEGIN
SELECT round.round_id, round.questionnaire_id, round.questionnaire_version, round.opens, round.closes, round.state, round.simulated, round.inbox, round.frame_sha256, round.draw_sha256, round.snapshot_sha256 FROM round WHERE round.round_id = 'demo'
SELECT cell.cell_id, cell.round_id, cell.stratum, cell.psu, cell.unit_id, cell.design_weight, cell.expected, cell.recruitment FROM cell WHERE cell.round_id = 'demo' AND cell.recruitment = 'drawn'
COMMIT
BEGIN IMMEDIATE
INSERT INTO invitation (code_mac, cell_id, channel, expires_on, state) VALUES (x'690f4547526566ba2f5d1d82893b493d6d3e345e1bc7474585d1208213d058f0', 'demo.10507', 'P', '2026-03-30', 0)
INSERT INTO invitation (code_mac, cell_id, channel, expires_on, state) VALUES (x'89914bddd5392d565d14ef0d3a48b1f09021e53480a83ca7c412271e8a578fae', 'demo.10507', 'P', '2026-03-30', 0)
INSERT INTO invitation (code_mac, cell_id, channel, expires_on, state) VALUES (x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e', 'demo.10507', 'P', '2026-03-30', 0)
SELECT audit.seq, audit.day, audit.actor, audit.action, audit.object, audit.payload, audit.payload_sha256, audit.prev, audit.hash FROM audit ORDER BY audit.seq DESC LIMIT 1 OFFSET 0
INSERT INTO audit (seq, day, actor, action, object, payload, payload_sha256, prev, hash) VALUES (2, '2026-11-26', 'operator', 'codes-issued', 'demo', '{"channel":"P","codes":3}', '58af4dd378026fd8af30a8130434315c9cd77d905c40e13ebfa43391428d0224', '9acfa14a8a95a79fd47c6eee0208cb3ce0a418e73d79a1c54f5ed4e104ff58c4', '98cffc07882d69074c1c83aff5bead370275110ae6a4b62ca01961fbdfa350e8')
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e'
BEGIN IMMEDIATE
SELECT invitation.state FROM invitation WHERE invitation.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e'
UPDATE draft SET sealed=x'6f6e65', until='2026-03-17', version=(draft.version + 1) WHERE draft.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e' AND draft.version = 0
INSERT INTO draft (code_mac, sealed, until, version) VALUES (x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e', x'6f6e65', '2026-03-17', 1) ON CONFLICT DO NOTHING RETURNING version
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e'
BEGIN IMMEDIATE
SELECT invitation.state FROM invitation WHERE invitation.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e'
UPDATE draft SET sealed=x'74776f', until='2026-03-17', version=(draft.version + 1) WHERE draft.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e' AND draft.version = 1
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e'
BEGIN
SELECT draft.version, draft.sealed FROM draft WHERE draft.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e' AND draft.until >= '2026-03-10'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'690f4547526566ba2f5d1d82893b493d6d3e345e1bc7474585d1208213d058f0'
BEGIN IMMEDIATE
SELECT invitation.state FROM invitation WHERE invitation.code_mac = x'690f4547526566ba2f5d1d82893b493d6d3e345e1bc7474585d1208213d058f0'
UPDATE draft SET sealed=x'7468726565', until='2026-03-17', version=(draft.version + 1) WHERE draft.code_mac = x'690f4547526566ba2f5d1d82893b493d6d3e345e1bc7474585d1208213d058f0' AND draft.version = 0
INSERT INTO draft (code_mac, sealed, until, version) VALUES (x'690f4547526566ba2f5d1d82893b493d6d3e345e1bc7474585d1208213d058f0', x'7468726565', '2026-03-17', 1) ON CONFLICT DO NOTHING RETURNING version
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'690f4547526566ba2f5d1d82893b493d6d3e345e1bc7474585d1208213d058f0'
BEGIN IMMEDIATE
DELETE FROM draft WHERE draft.code_mac = x'690f4547526566ba2f5d1d82893b493d6d3e345e1bc7474585d1208213d058f0'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'89914bddd5392d565d14ef0d3a48b1f09021e53480a83ca7c412271e8a578fae'
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'89914bddd5392d565d14ef0d3a48b1f09021e53480a83ca7c412271e8a578fae'
BEGIN IMMEDIATE
INSERT INTO receipt (key_mac, receipt_mac) VALUES (x'ac773235cba6128bbe5fdcf8a73dd0faa981f68115f651f1de5ec8fdffe400c4', x'6052ef0446bd8842d81b7dbc97578077b05eac7ea4b6b3f6ff9a8b4a089dedbd') ON CONFLICT DO NOTHING
UPDATE invitation SET state=1 WHERE invitation.code_mac = x'89914bddd5392d565d14ef0d3a48b1f09021e53480a83ca7c412271e8a578fae' AND invitation.state = 0 AND invitation.expires_on >= '2026-03-10'
INSERT INTO inbox_a (id, sealed) VALUES (x'041ffead2505a5bbf23bf25621b4762f', zeroblob(8240))
INSERT INTO feedback_inbox (id, sealed) VALUES (x'c137d15e08fcbf203908f9d66bb0e762', zeroblob(8240))
DELETE FROM draft WHERE draft.code_mac = x'89914bddd5392d565d14ef0d3a48b1f09021e53480a83ca7c412271e8a578fae'
COMMIT
BEGIN
SELECT receipt.key_mac FROM receipt WHERE receipt.receipt_mac = x'6052ef0446bd8842d81b7dbc97578077b05eac7ea4b6b3f6ff9a8b4a089dedbd'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'89914bddd5392d565d14ef0d3a48b1f09021e53480a83ca7c412271e8a578fae'
SELECT receipt.key_mac FROM receipt WHERE receipt.key_mac = x'ac773235cba6128bbe5fdcf8a73dd0faa981f68115f651f1de5ec8fdffe400c4'
BEGIN
SELECT receipt.key_mac FROM receipt WHERE receipt.receipt_mac = x'6052ef0446bd8842d81b7dbc97578077b05eac7ea4b6b3f6ff9a8b4a089dedbd'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e'
BEGIN IMMEDIATE
INSERT INTO receipt (key_mac, receipt_mac) VALUES (x'8bf2b6a7c2c4c5014d6db5ce9ebb40f25328172d3cc74b4a098b476138cca31a', x'57ff11f2b533f38bff3c2dbd844a47b9c63c504620e74beacb72631181138f88') ON CONFLICT DO NOTHING
UPDATE invitation SET state=1 WHERE invitation.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e' AND invitation.state = 0 AND invitation.expires_on >= '2026-03-10'
INSERT INTO inbox_a (id, sealed) VALUES (x'a968ce3603d063d6bf1d71a12cbeb6ae', zeroblob(8240))
DELETE FROM draft WHERE draft.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'e81a2796000373489169634ae167dffdd85c439c0bc28a35779d93e7ba25f16e'
SELECT receipt.key_mac FROM receipt WHERE receipt.key_mac = x'8bf2b6a7c2c4c5014d6db5ce9ebb40f25328172d3cc74b4a098b476138cca31a'
BEGIN
SELECT service_point.counter_id, service_point.name, service_point.agency_code, service_point.unit_code, service_point.address, service_point.opens, service_point.closes, service_point.expected, service_point.source, coalesce(agency.name, '') AS agency_name FROM service_point LEFT OUTER JOIN agency ON agency.agency_code = service_point.agency_code ORDER BY service_point.counter_id
COMMIT
BEGIN
SELECT withdrawal.place FROM withdrawal WHERE withdrawal.kind = 'feedback'
COMMIT
BEGIN IMMEDIATE
INSERT INTO feedback_inbox (id, sealed) VALUES (x'd37f2213437ac38266fe53014b664e54', zeroblob(8240))
INSERT INTO feedback_code (code_mac, state) VALUES (x'a449e3856bd56f2db2ee83bfac5c6f610d8405e9c7c8295814761abe3ed65d78', 0)
COMMIT
BEGIN
SELECT feedback_code.state, feedback_reply.sealed FROM feedback_code LEFT OUTER JOIN feedback_reply ON feedback_reply.code_mac = feedback_code.code_mac WHERE feedback_code.code_mac = x'a449e3856bd56f2db2ee83bfac5c6f610d8405e9c7c8295814761abe3ed65d78'
COMMIT
BEGIN
SELECT service_point.counter_id, service_point.name, service_point.agency_code, service_point.unit_code, service_point.address, service_point.opens, service_point.closes, service_point.expected, service_point.source, coalesce(agency.name, '') AS agency_name FROM service_point LEFT OUTER JOIN agency ON agency.agency_code = service_point.agency_code ORDER BY service_point.counter_id
COMMIT
BEGIN
SELECT withdrawal.place FROM withdrawal WHERE withdrawal.kind = 'screen'
SELECT cell.cell_id, cell.unit_id, round.round_id, round.questionnaire_id, round.questionnaire_version, round.opens, round.closes, round.state, round.simulated, round.inbox, round.frame_sha256, round.draw_sha256, round.snapshot_sha256 FROM cell JOIN round ON round.round_id = cell.round_id WHERE cell.recruitment = 'open' AND cell.unit_id = 'q1' ORDER BY round.opens DESC, round.round_id, cell.unit_id
COMMIT
BEGIN IMMEDIATE
INSERT INTO invitation (code_mac, cell_id, channel, expires_on, state) VALUES (x'dc1ed686a295fcde9c454b5a79566f52e30d934856adec9cd624358edc6cc6ee', 'demo.Rc75de8c1b7c3ae52', 'R', '2026-03-17', 0)
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'dc1ed686a295fcde9c454b5a79566f52e30d934856adec9cd624358edc6cc6ee'
BEGIN IMMEDIATE
INSERT INTO receipt (key_mac, receipt_mac) VALUES (x'bf38101eef56753820dd3e5ed693460ead8b6ed91a1dfa1bdb4fbc01d028684d', x'63509493268957b6255cdbfb64342523c358612365bde33065ab32fa19714d16') ON CONFLICT DO NOTHING
UPDATE invitation SET state=1 WHERE invitation.code_mac = x'dc1ed686a295fcde9c454b5a79566f52e30d934856adec9cd624358edc6cc6ee' AND invitation.state = 0 AND invitation.expires_on >= '2026-03-10'
INSERT INTO inbox_a (id, sealed) VALUES (x'198c5f8e2b62b1943e03edc3b5bc30d6', zeroblob(8240))
DELETE FROM draft WHERE draft.code_mac = x'dc1ed686a295fcde9c454b5a79566f52e30d934856adec9cd624358edc6cc6ee'
COMMIT
BEGIN
SELECT alembic_version.version_num FROM alembic_version
SELECT round.round_id FROM round LIMIT 1 OFFSET 0
COMMIT
