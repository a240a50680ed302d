import zlib from 'node:zlib'; import crypto from 'node:crypto'
const data = Buffer.from('tree '.repeat(3)+crypto.randomBytes(60).toString('hex')+'\nauthor Ada <ada@example.org> 1700000000 +0000\nput run xyzzz Runtree-Operation: put\n')
const z = zlib.deflateSync(data); console.log(data.length, z.length)
const N=90000
let t=performance.now(); for(let i=0;i<N;i++) zlib.inflateSync(z,{info:true,chunkSize:Math.max(64,data.length),maxOutputLength:data.length}); console.log('inflateSync us', (performance.now()-t)/N*1000)
const eng = zlib.createInflate({chunkSize: 1024}); const h = eng._handle; const st = eng._writeState
console.log(Object.keys(eng).filter(k=>k.startsWith('_')), st, typeof h.writeSync, typeof h.reset)
const out=Buffer.alloc(65536)
t=performance.now(); for(let i=0;i<N;i++){ h.reset(); h.writeSync(zlib.constants.Z_FINISH, z,0,z.length,out,0,data.length); } console.log('handle us',(performance.now()-t)/N*1000, st)
t=performance.now(); for(let i=0;i<N;i++){ const hh=crypto.createHash('sha1'); hh.update(data); hh.digest() } console.log('createHash',(performance.now()-t)/N*1000)
if(crypto.hash){t=performance.now(); for(let i=0;i<N;i++){ crypto.hash('sha1',data,'buffer') } console.log('hash buffer',(performance.now()-t)/N*1000)
t=performance.now(); for(let i=0;i<N;i++){ crypto.hash('sha1',data,'hex') } console.log('hash hex',(performance.now()-t)/N*1000)
t=performance.now(); for(let i=0;i<N;i++){ crypto.hash('sha1',data,'latin1') } console.log('hash latin1',(performance.now()-t)/N*1000)}
console.log(typeof zlib.crc32)
