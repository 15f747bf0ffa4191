-- One script for all loads: wrk … -s load.lua URL -- MODE PATHS COOKIE [TOKEN [HOST]]
--   MODE get     GETs the paths in PATHS (a file, one a line), each thread from another place in it, round and round
--        report  POSTs a new report to the first path, as the report page's form sends it, with an id of its own
--        accept  POSTs the accept form to each path once; when they run out the round does not count
-- The last line printed is a JSON object; times in microseconds.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local function lines(name)
  local found = {}
  for line in io.lines(name) do
    table.insert(found, line)
  end
  return found
end

local function seed()
  local file = io.open("/dev/urandom", "rb")
  local a, b, c, d = file:read(4):byte(1, 4)
  file:close()
  math.randomseed(a + b * 256 + c * 65536 + d * 16777216)
end

-- A UUIDv7 as a phone makes it: the milliseconds, then chance. Numbers of 48 bits do not fit %x.
local function uuid7()
  local ms = os.time() * 1000 + math.random(0, 999)
  local high, low = math.floor(ms / 65536), ms % 65536
  local r = math.random
  return string.format("%08x-%04x-7%03x-%04x-%06x%06x", high, low, r(0, 4095), r(32768, 49151), r(0, 16777215), r(0, 16777215))
end

local BOUNDARY = "----linli-bench"

local function multipart(fields)
  local parts = {}
  for _, field in ipairs(fields) do
    local head = '--' .. BOUNDARY .. '\r\nContent-Disposition: form-data; name="' .. field[1] .. '"\r\n\r\n'
    table.insert(parts, head .. field[2] .. "\r\n")
  end
  return table.concat(parts) .. "--" .. BOUNDARY .. "--\r\n"
end

local makers = {}

function makers.get()
  at = at + 1
  return wrk.format("GET", paths[(at - 1) % #paths + 1], headers)
end

function makers.report()
  local body = multipart({
    {"csrfmiddlewaretoken", token}, {"id", uuid7()}, {"kind", "repair"}, {"place", "home"}, {"where", ""},
    {"words", "三楼到四楼的楼道灯不亮,晚上下楼看不见台阶,请来看看。"},
    {"whom", "self"}, {"contact_name", ""}, {"contact_phone", ""},
  })
  return wrk.format("POST", paths[1], headers, body)
end

function makers.accept()
  at = at + 2  -- two threads share the paths
  if at > #paths then
    ran_out = true
    wrk.thread:stop()
  end
  return wrk.format("POST", paths[math.min(at, #paths)], headers, "csrfmiddlewaretoken=" .. token)
end

function init(args)
  mode, paths, token, ran_out = args[1], lines(args[2]), args[4], false
  headers = {["Cookie"] = args[3], ["Host"] = wrk.headers["Host"]}
  if mode == "get" then
    at = math.floor(#paths / 2) * number
  elseif mode == "report" then
    seed()
    headers["Content-Type"] = "multipart/form-data; boundary=" .. BOUNDARY
  else
    at = number - 1
    headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
  request = makers[mode]
end

function done(summary, latency, requests)
  local out = false
  for _, thread in ipairs(threads) do
    out = out or thread:get("ran_out")
  end
  local e = summary.errors
  io.write(string.format(
    '{"requests": %d, "duration": %d, "bytes": %d, "p50": %d, "p95": %d, "p99": %d, "max": %d, ' ..
    '"broken": %d, "refused": %d, "ran_out": %s}\n',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max,
    e.connect + e.read + e.write + e.timeout, e.status, tostring(out)))
end
