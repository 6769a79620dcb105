BEGIN IMMEDIATE
INSERT INTO agency (agency_code, name, type, source) VALUES ('a-q1', 'Ủy ban nhân dân phường', 'commune', 'test')
INSERT INTO service_point (counter_id, name, agency_code, unit_code, address, opens, closes, source) VALUES ('q1', 'Bộ phận Một cửa q1', 'a-q1', '10507', '', '07:30', '16:30', 'test')
COMMIT
BEGIN IMMEDIATE
SELECT key_mark.name, key_mark.mark FROM key_mark
INSERT INTO key_mark (name, mark) VALUES ('demo/code', x'c8110050c82628f5ae7ed446a37fc2ec7dce4309ce1eb555d880fd52a588acc0')
INSERT INTO key_mark (name, mark) VALUES ('demo/idem', x'd7a042e5b98eff389c2082e0e0e7c911483994ddad45e8854a6cc1dff2d26a9b')
INSERT INTO key_mark (name, mark) VALUES ('demo/receipt', x'd9065290d479e1f44b04a682c4869c509414e0b31bba4dc211761b09ed4e789f')
INSERT INTO key_mark (name, mark) VALUES ('demo/lookup', x'40471df935aebb4a4bdff8dd45c6657754b05132c93155611678bdb8496fb24e')
INSERT INTO key_mark (name, mark) VALUES ('demo/survey', x'15c2d8ba58a034ec70d6a74b3f48226693994524408c20754d05f0f0b6060940')
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
INSERT INTO invitation (code_mac, cell_id, channel, expires_on, state) VALUES (x'3666c5794fa255d4bd56ce3b50f22fad7dde8a266f1d2521b0b42a0fb52009b4', 'demo.10507', 'P', '2026-03-30', 0)
INSERT INTO invitation (code_mac, cell_id, channel, expires_on, state) VALUES (x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916', 'demo.10507', 'P', '2026-03-30', 0)
INSERT INTO invitation (code_mac, cell_id, channel, expires_on, state) VALUES (x'dc9a7853abe06acb22193f31b0ce9be9a00157287a167f8153540f31a15c822d', 'demo.10507', 'P', '2026-03-30', 0)
SELECT audit.seq, audit.day, audit.actor, audit.action, audit.object, audit.payload, audit.payload_sha256, audit.prev, audit.hash FROM audit ORDER BY audit.seq DESC LIMIT 1 OFFSET 0
INSERT INTO audit (seq, day, actor, action, object, payload, payload_sha256, prev, hash) VALUES (2, '2026-11-26', 'operator', 'codes-issued', 'demo', '{"channel":"P","codes":3}', '58af4dd378026fd8af30a8130434315c9cd77d905c40e13ebfa43391428d0224', '9acfa14a8a95a79fd47c6eee0208cb3ce0a418e73d79a1c54f5ed4e104ff58c4', '98cffc07882d69074c1c83aff5bead370275110ae6a4b62ca01961fbdfa350e8')
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916'
BEGIN IMMEDIATE
SELECT invitation.state FROM invitation WHERE invitation.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916'
UPDATE draft SET sealed=x'6f6e65', until='2026-03-17', version=(draft.version + 1) WHERE draft.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916' AND draft.version = 0
INSERT INTO draft (code_mac, sealed, until, version) VALUES (x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916', x'6f6e65', '2026-03-17', 1) ON CONFLICT DO NOTHING RETURNING version
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916'
BEGIN IMMEDIATE
SELECT invitation.state FROM invitation WHERE invitation.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916'
UPDATE draft SET sealed=x'74776f', until='2026-03-17', version=(draft.version + 1) WHERE draft.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916' AND draft.version = 1
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916'
BEGIN
SELECT draft.version, draft.sealed FROM draft WHERE draft.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916' AND draft.until >= '2026-03-10'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'dc9a7853abe06acb22193f31b0ce9be9a00157287a167f8153540f31a15c822d'
BEGIN IMMEDIATE
SELECT invitation.state FROM invitation WHERE invitation.code_mac = x'dc9a7853abe06acb22193f31b0ce9be9a00157287a167f8153540f31a15c822d'
UPDATE draft SET sealed=x'7468726565', until='2026-03-17', version=(draft.version + 1) WHERE draft.code_mac = x'dc9a7853abe06acb22193f31b0ce9be9a00157287a167f8153540f31a15c822d' AND draft.version = 0
INSERT INTO draft (code_mac, sealed, until, version) VALUES (x'dc9a7853abe06acb22193f31b0ce9be9a00157287a167f8153540f31a15c822d', x'7468726565', '2026-03-17', 1) ON CONFLICT DO NOTHING RETURNING version
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'dc9a7853abe06acb22193f31b0ce9be9a00157287a167f8153540f31a15c822d'
BEGIN IMMEDIATE
DELETE FROM draft WHERE draft.code_mac = x'dc9a7853abe06acb22193f31b0ce9be9a00157287a167f8153540f31a15c822d'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'3666c5794fa255d4bd56ce3b50f22fad7dde8a266f1d2521b0b42a0fb52009b4'
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'3666c5794fa255d4bd56ce3b50f22fad7dde8a266f1d2521b0b42a0fb52009b4'
BEGIN IMMEDIATE
INSERT INTO receipt (key_mac, receipt_mac) VALUES (x'1ceec7ee93d065f988d6a7ccece786f8c0c9629f13b97b8028c9e1be158f259c', x'5cd39373398ec50dd8c6974d379831b02f056cbb7106441a1ad5b7439d21e1cb') ON CONFLICT DO NOTHING
UPDATE invitation SET state=1 WHERE invitation.code_mac = x'3666c5794fa255d4bd56ce3b50f22fad7dde8a266f1d2521b0b42a0fb52009b4' AND invitation.state = 0 AND invitation.expires_on >= '2026-03-10'
INSERT INTO inbox_a (id, sealed) VALUES (x'dd83b444fa906d71b34d250c29e2d5eb', zeroblob(8240))
INSERT INTO feedback_inbox (id, sealed) VALUES (x'8537644cf22b0877b2b527995f725dba', zeroblob(8240))
DELETE FROM draft WHERE draft.code_mac = x'3666c5794fa255d4bd56ce3b50f22fad7dde8a266f1d2521b0b42a0fb52009b4'
COMMIT
BEGIN
SELECT receipt.key_mac FROM receipt WHERE receipt.receipt_mac = x'5cd39373398ec50dd8c6974d379831b02f056cbb7106441a1ad5b7439d21e1cb'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'3666c5794fa255d4bd56ce3b50f22fad7dde8a266f1d2521b0b42a0fb52009b4'
SELECT receipt.key_mac FROM receipt WHERE receipt.key_mac = x'1ceec7ee93d065f988d6a7ccece786f8c0c9629f13b97b8028c9e1be158f259c'
BEGIN
SELECT receipt.key_mac FROM receipt WHERE receipt.receipt_mac = x'5cd39373398ec50dd8c6974d379831b02f056cbb7106441a1ad5b7439d21e1cb'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916'
BEGIN IMMEDIATE
INSERT INTO receipt (key_mac, receipt_mac) VALUES (x'63b2028bb9fa8967c602f6cade2076b56361a4e2855f2d629cb82481b6a32fd5', x'c1dff705448cbf86ad2010ee79a7fa9a761cd804b9a1771f5a53d00d6886e2d9') ON CONFLICT DO NOTHING
UPDATE invitation SET state=1 WHERE invitation.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916' AND invitation.state = 0 AND invitation.expires_on >= '2026-03-10'
INSERT INTO inbox_a (id, sealed) VALUES (x'2fec2654df0682623509098328ad4dfe', zeroblob(8240))
DELETE FROM draft WHERE draft.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916'
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'c8199a86f0f3aed7726e30607eb8586d7e3bfba875466c61ff9de10e63159916'
SELECT receipt.key_mac FROM receipt WHERE receipt.key_mac = x'63b2028bb9fa8967c602f6cade2076b56361a4e2855f2d629cb82481b6a32fd5'
BEGIN
SELECT service_point.counter_id, service_point.name, service_point.agency_code, service_point.unit_code, service_point.address, service_point.opens, service_point.closes, service_point.expected, service_point.source, coalesce(agency.name, '') AS agency_name FROM service_point LEFT OUTER JOIN agency ON agency.agency_code = service_point.agency_code ORDER BY service_point.counter_id
COMMIT
BEGIN
SELECT withdrawal.place FROM withdrawal WHERE withdrawal.kind = 'feedback'
COMMIT
BEGIN IMMEDIATE
INSERT INTO feedback_inbox (id, sealed) VALUES (x'399e643445fcd67cdd786e43a9b00f36', zeroblob(8240))
INSERT INTO feedback_code (code_mac, state) VALUES (x'd3c042a9bf1314a4df0a3a5c144ce98b4108e1e0bd1228b62b0e9ad110d79564', 0)
COMMIT
BEGIN
SELECT feedback_code.state, feedback_reply.sealed FROM feedback_code LEFT OUTER JOIN feedback_reply ON feedback_reply.code_mac = feedback_code.code_mac WHERE feedback_code.code_mac = x'd3c042a9bf1314a4df0a3a5c144ce98b4108e1e0bd1228b62b0e9ad110d79564'
COMMIT
BEGIN
SELECT service_point.counter_id, service_point.name, service_point.agency_code, service_point.unit_code, service_point.address, service_point.opens, service_point.closes, service_point.expected, service_point.source, coalesce(agency.name, '') AS agency_name FROM service_point LEFT OUTER JOIN agency ON agency.agency_code = service_point.agency_code ORDER BY service_point.counter_id
COMMIT
BEGIN
SELECT withdrawal.place FROM withdrawal WHERE withdrawal.kind = 'screen'
SELECT cell.cell_id, cell.unit_id, round.round_id, round.questionnaire_id, round.questionnaire_version, round.opens, round.closes, round.state, round.simulated, round.inbox, round.frame_sha256, round.draw_sha256, round.snapshot_sha256 FROM cell JOIN round ON round.round_id = cell.round_id WHERE cell.recruitment = 'open' AND cell.unit_id = 'q1' ORDER BY round.opens DESC, round.round_id, cell.unit_id
COMMIT
BEGIN IMMEDIATE
INSERT INTO invitation (code_mac, cell_id, channel, expires_on, state) VALUES (x'44993a29aac4a9d718a3d7b2f4d48837da64ac8f313e5826b64f132636c03587', 'demo.Rc75de8c1b7c3ae52', 'R', '2026-03-17', 0)
COMMIT
SELECT round.round_id, round.state AS round_state, round.questionnaire_id, round.questionnaire_version, round.inbox, round.simulated, round.opens, invitation.cell_id, cell.unit_id, invitation.state, invitation.expires_on FROM invitation JOIN cell ON invitation.cell_id = cell.cell_id JOIN round ON cell.round_id = round.round_id WHERE invitation.code_mac = x'44993a29aac4a9d718a3d7b2f4d48837da64ac8f313e5826b64f132636c03587'
BEGIN IMMEDIATE
INSERT INTO receipt (key_mac, receipt_mac) VALUES (x'c9ad7fbd4fbf733043eed2f55e6bfd8c147800c04da7b3dcfe5dc0cb01ec70b8', x'2d7777c3739c15abf13ff40082f5d1f6006f9650ce47863da92e0cdf9e16b655') ON CONFLICT DO NOTHING
UPDATE invitation SET state=1 WHERE invitation.code_mac = x'44993a29aac4a9d718a3d7b2f4d48837da64ac8f313e5826b64f132636c03587' AND invitation.state = 0 AND invitation.expires_on >= '2026-03-10'
INSERT INTO inbox_a (id, sealed) VALUES (x'7a13976bced6232dc89c3d7c3f2e2442', zeroblob(8240))
DELETE FROM draft WHERE draft.code_mac = x'44993a29aac4a9d718a3d7b2f4d48837da64ac8f313e5826b64f132636c03587'
COMMIT
BEGIN
SELECT alembic_version.version_num FROM alembic_version
SELECT round.round_id FROM round LIMIT 1 OFFSET 0
COMMIT
