# Each instruction that the assembler knows and vplat decodes, at least once.
# One instruction a line: a test compares the mnemonic of each with the decoded one.

        .option norelax
        .option norvc

        lui a0, 0x12345
        lui t6, 0xfffff
        auipc gp, 0x80000
        jal ra, .+2046
        jal zero, .-1048576
        jalr ra, -4(t0)
        beq a0, a1, .+4094
        bne s0, zero, .-4096
        blt t0, t1, .+8
        bge t2, s1, .-8
        bltu a2, a3, .+2048
        bgeu a4, a5, .+32
        lb a0, -2048(sp)
        lh a1, 2047(s0)
        lw a2, 4(gp)
        lbu a3, 1(tp)
        lhu a4, 2(t3)
        sb a0, -2048(sp)
        sh a1, 2047(s0)
        sw t6, -4(s11)
        addi a0, a0, -1
        slti a1, a2, 2047
        sltiu a3, a4, -2048
        xori a5, a6, -1
        ori a7, s2, 0x55
        andi s3, s4, 255
        slli s5, s6, 31
        srli s7, s8, 1
        srai s9, s10, 16
        add a0, a1, a2
        sub a3, a4, a5
        sll a6, a7, s2
        slt s3, s4, s5
        sltu s6, s7, s8
        xor s9, s10, s11
        srl t3, t4, t5
        sra t6, t0, t1
        or t2, ra, sp
        and gp, tp, s1
        fence rw, w
        fence.tso
        fence.i
        ecall
        ebreak
        mret
        wfi
        csrrw a0, mstatus, a1
        csrrs t0, mhartid, zero
        csrrc zero, mie, t1
        csrrwi a2, mtvec, 31
        csrrsi zero, mstatus, 8
        csrrci a3, mip, 1
        mul a0, a1, a2
        mulh a3, a4, a5
        mulhsu s2, s3, s4
        mulhu s5, s6, s7
        div t0, t1, t2
        divu t3, t4, t5
        rem s8, s9, s10
        remu s11, ra, gp
        lr.w a0, (a1)
        lr.w.aqrl t0, (t1)
        sc.w a2, a3, (a4)
        sc.w.rl a5, a6, (a7)
        amoswap.w s2, s3, (s4)
        amoadd.w.aq s5, s6, (s7)
        amoxor.w t0, t1, (t2)
        amoand.w t3, t4, (t5)
        amoor.w t6, a0, (a1)
        amomin.w a2, a3, (a4)
        amomax.w a5, a6, (a7)
        amominu.w s8, s9, (s10)
        amomaxu.w.aqrl s11, ra, (sp)
        sh1add a0, a1, a2
        sh2add a3, a4, a5
        sh3add s2, s3, s4
        andn a0, a1, a2
        orn a3, a4, a5
        xnor s2, s3, s4
        clz a0, a1
        ctz a2, a3
        cpop a4, a5
        min a0, a1, a2
        minu a3, a4, a5
        max s2, s3, s4
        maxu s5, s6, s7
        sext.b a0, a1
        sext.h a2, a3
        zext.h a4, a5
        rol a0, a1, a2
        ror a3, a4, a5
        rori s2, s3, 31
        orc.b a0, a1
        rev8 a2, a3
        bclr a0, a1, a2
        bclri a3, a4, 31
        bext a0, a1, a2
        bexti a3, a4, 1
        binv a0, a1, a2
        binvi a3, a4, 2
        bset a0, a1, a2
        bseti a3, a4, 3
        pause
        sret
        sfence.vma a1, a2

        flw fa0, -4(a1)
        fsw ft11, 2047(sp)
        fmadd.s fa0, fa1, fa2, fa3
        fmsub.s ft0, ft1, ft2, ft3, rtz
        fnmsub.s fs0, fs1, fs2, fs3
        fnmadd.s ft8, ft9, ft10, ft11
        fadd.s fa0, fa1, fa2
        fsub.s fa3, fa4, fa5, rup
        fmul.s fs2, fs3, fs4
        fdiv.s fs5, fs6, fs7
        fsqrt.s fs8, fs9
        fsgnj.s fa0, fa1, fa2
        fsgnjn.s fa3, fa4, fa5
        fsgnjx.s ft0, ft1, ft2
        fmin.s fa0, fa1, fa2
        fmax.s fa3, fa4, fa5
        fcvt.w.s a0, fa1, rtz
        fcvt.wu.s a2, fa3
        fmv.x.w a4, fa5
        feq.s a0, fa1, fa2
        flt.s a3, fa4, fa5
        fle.s t0, ft1, ft2
        fclass.s a0, fa1
        fcvt.s.w fa0, a1
        fcvt.s.wu fa2, a3, rdn
        fmv.w.x fa4, a5
        fld fa0, -8(a1)
        fsd ft11, 2040(sp)
        fmadd.d fa0, fa1, fa2, fa3
        fmsub.d ft0, ft1, ft2, ft3
        fnmsub.d fs0, fs1, fs2, fs3
        fnmadd.d ft8, ft9, ft10, ft11
        fadd.d fa0, fa1, fa2
        fsub.d fa3, fa4, fa5
        fmul.d fs2, fs3, fs4
        fdiv.d fs5, fs6, fs7
        fsqrt.d fs8, fs9
        fsgnj.d fa0, fa1, fa2
        fsgnjn.d fa3, fa4, fa5
        fsgnjx.d ft0, ft1, ft2
        fmin.d fa0, fa1, fa2
        fmax.d fa3, fa4, fa5
        fcvt.s.d fa0, fa1
        fcvt.d.s fa2, fa3
        feq.d a0, fa1, fa2
        flt.d a3, fa4, fa5
        fle.d t0, ft1, ft2
        fclass.d a0, fa1
        fcvt.w.d a0, fa1
        fcvt.wu.d a2, fa3
        fcvt.d.w fa0, a1
        fcvt.d.wu fa2, a3

        .option rvc

        c.addi4spn a0, sp, 1020
        c.lw a1, 124(a2)
        c.sw a3, 64(a4)
        c.nop
        c.addi s11, -32
        c.jal .+2046
        c.jal .-2048
        c.li t6, 31
        c.addi16sp sp, -512
        c.addi16sp sp, 496
        c.lui a0, 0xfffe0
        c.lui ra, 1
        c.srli s0, 31
        c.srai s1, 1
        c.andi a5, -1
        c.sub a0, a1
        c.xor a2, a3
        c.or a4, a5
        c.and s0, s1
        c.j .-2
        c.beqz a0, .+254
        c.bnez s1, .-256
        c.slli gp, 16
        c.lwsp t0, 252(sp)
        c.jr ra
        c.mv a0, t6
        c.ebreak
        c.jalr t1
        c.add s2, s3
        c.swsp t5, 128(sp)
        c.flw fa0, 4(a1)
        c.fsw fs1, 124(s0)
        c.flwsp ft0, 252(sp)
        c.fswsp ft11, 60(sp)
        c.fld fa0, 248(a1)
        c.fsd fs1, 8(s0)
        c.fldsp ft0, 504(sp)
        c.fsdsp ft11, 256(sp)
