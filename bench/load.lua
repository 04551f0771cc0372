-- What wrk sends: one of the requests in a file, drawn at random, on each connection as soon as the
-- one before is answered or, when there is a pause, some time after.
--
--     wrk … -s load.lua URL -- KEY METHOD FILE PAUSE_MS
--
-- Each line of FILE is a path, for another method than GET followed by a space and a body. PAUSE_MS
-- is the mean; 0 is none.

local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("seed", threads)
end

function init(arguments)
    math.randomseed(os.time() * 16 + seed)
    local key, method, file = arguments[1], arguments[2], arguments[3]
    pause = tonumber(arguments[4])
    local headers = {["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json"}
    requests = {}
    for line in io.lines(file) do
        local path, body = line:match("^(%S+) ?(.*)$")
        requests[#requests + 1] = wrk.format(method, path, headers, method ~= "GET" and body or nil)
    end
    if pause > 0 then
        delay = function() return math.floor(math.random() * 2 * pause + 0.5) end
    end
end

function request()
    return requests[math.random(#requests)]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("RESULT %f %f %f %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        errors.status + errors.timeout + errors.connect + errors.read + errors.write))
end
